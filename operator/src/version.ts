/** Of this operator, and of the storage nodes it makes unless the cluster says otherwise. Equal to the version in package.json. */
export const operatorVersion = '0.1.0';
