/** The values as a tree of what a person may set, in the order of the schema. */
import { z } from 'zod';
import { valuesSchema } from './values.ts';

export type DescribedValue = Leaf | Group;

interface Leaf {
  readonly kind: 'leaf';
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly value: unknown;
}

interface Group {
  readonly kind: 'group';
  readonly name: string;
  readonly values: readonly DescribedValue[];
}

const node = z.object({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), node).optional();
  },
});

type SchemaNode = z.infer<typeof node>;

/** JSON Schema of what a user gives: values.yaml gives the rest. Draft 7 is what every Helm 3 reads. */
export function valuesJsonSchema(): object {
  return z.toJSONSchema(valuesSchema, { target: 'draft-7', io: 'input' });
}

export function describedValues(): readonly DescribedValue[] {
  return children(node.parse(valuesJsonSchema()));
}

function children({ properties = {} }: SchemaNode): readonly DescribedValue[] {
  return Object.entries(properties).map(([name, schema]) => {
    if (schema.default === undefined) return { kind: 'group', name, values: children(schema) };
    if (schema.description === undefined) throw new Error(`the value ${name} has no description`);
    return {
      kind: 'leaf',
      name,
      description: schema.description,
      type: schema.enum?.join(' or ') ?? schema.type ?? '',
      value: schema.default,
    };
  });
}
