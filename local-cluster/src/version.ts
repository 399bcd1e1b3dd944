/** Version of the images of a local cluster: the checkout's own. */
export const localVersion = '0.1.0';
