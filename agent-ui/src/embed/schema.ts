// Checks a value against the part of JSON Schema that `docs/api/embed.schema.json` uses. A library would make code at run
// time, which the policy of the page refuses, or weigh more than the frame.
import book from "../../../docs/api/embed.schema.json";

interface Schema {
  $ref?: string;
  oneOf?: Schema[];
  type?: string | string[];
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
}

const DEFINITIONS = book.$defs as unknown as Record<string, Schema>;

/** The names of all messages, as `host.dial` or `desk.ready`. */
export const MESSAGES: readonly string[] = Object.keys(DEFINITIONS).filter((name) => /^(host|desk)\./.test(name));

/** What is wrong with the value, in words with its place; null when it fits the definition. */
export function faultOf(name: string, value: unknown): string | null {
  const schema = DEFINITIONS[name];
  return schema === undefined ? `there is no ${name}` : check(schema, value, "data");
}

function check(schema: Schema, value: unknown, at: string): string | null {
  if (schema.$ref !== undefined) return check(DEFINITIONS[schema.$ref.replace("#/$defs/", "")] ?? { enum: [] }, value, at);
  if (schema.oneOf !== undefined) {
    const faults = schema.oneOf.map((one) => check(one, value, at));
    return faults.includes(null) ? null : (faults[0] ?? null);
  }
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value))) return `${at} must be ${types.join(" or ")}`;
  if (schema.enum !== undefined && !schema.enum.includes(value)) return `${at} must be one of ${schema.enum.join(", ")}`;
  if (typeof value === "string") return checkText(schema, value, at);
  if (typeof value === "number") return schema.minimum !== undefined && value < schema.minimum ? `${at} must be at least ${schema.minimum}` : null;
  if (Array.isArray(value)) return checkList(schema, value, at);
  return typeof value === "object" && value !== null ? checkObject(schema, value as Record<string, unknown>, at) : null;
}

function isOf(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isSafeInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function checkText({ minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern }: Schema, text: string, at: string): string | null {
  if (text.length < minLength || text.length > maxLength) return `${at} must have ${minLength} to ${maxLength} characters`;
  return pattern !== undefined && !new RegExp(pattern).test(text) ? `${at} must match ${pattern}` : null;
}

function checkList({ maxItems = Number.POSITIVE_INFINITY, items = {} }: Schema, list: unknown[], at: string): string | null {
  if (list.length > maxItems) return `${at} must have at most ${maxItems} items`;
  return list.map((one, place) => check(items, one, `${at}[${place}]`)).find((fault) => fault !== null) ?? null;
}

function checkObject({ properties = {}, required = [], additionalProperties = true }: Schema, value: Record<string, unknown>, at: string): string | null {
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${at}.${missing} is missing`;
  const unknown = additionalProperties ? undefined : Object.keys(value).find((name) => !Object.hasOwn(properties, name));
  if (unknown !== undefined) return `${at}.${unknown.slice(0, 40)} is not known`;
  return Object.entries(properties).map(([name, schema]) => (Object.hasOwn(value, name) ? check(schema, value[name], `${at}.${name}`) : null)).find((fault) => fault !== null) ?? null;
}
