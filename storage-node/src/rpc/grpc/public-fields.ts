/** Configuration messages as the JSON objects of the REST API, so that both protocols are checked by the same schema. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import type { BodyObject, BodyValue } from '../../json/lossless-json.ts';

/** Only fields that are set; enums by name; lists and maps are not configuration and are left out. */
export function publicFields<D extends DescMessage>(desc: D, message: MessageShape<D> | undefined): BodyObject | undefined {
  return message === undefined ? undefined : fieldsOf(reflect(desc, message));
}

function fieldsOf(message: ReflectMessage): BodyObject {
  const fields: Record<string, BodyValue> = {};
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    if (field.fieldKind === 'message') fields[field.name] = fieldsOf(message.get(field));
    if (field.fieldKind === 'scalar') fields[field.name] = scalar(message.get(field));
    if (field.fieldKind === 'enum') fields[field.name] = field.enum.value[message.get(field)]?.name ?? String(message.get(field));
  }
  return fields;
}

function scalar(value: string | number | bigint | boolean | Uint8Array): BodyValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return value instanceof Uint8Array ? null : value;
}
