/** The part of JSON Schema 2020-12 that a form can show; anything else is typed as JSON. */
export type Property = {
  type?: string | string[];
  enum?: unknown[];
  default?: unknown;
  description?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
};
export type ParameterSchema = { properties?: Record<string, Property>; required?: string[]; additionalProperties?: unknown };

/** What the fields of a form hold: texts, booleans, or nothing. */
export type Typed = Record<string, string | boolean | undefined>;

export type Kind = 'choice' | 'boolean' | 'integer' | 'number' | 'string' | 'json';

export function kindOf(property: Property): Kind {
  if (property.enum !== undefined && property.enum.every((each) => typeof each !== 'object')) return 'choice';
  return property.type === 'boolean' || property.type === 'integer' || property.type === 'number' || property.type === 'string' ? property.type : 'json';
}

/** What the fields hold at first: the defaults that the schema declares. */
export function typedDefaults(schema: ParameterSchema): Typed {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([, property]) => property.default !== undefined)
      .map(([name, { default: value }]) => [name, typeof value === 'boolean' || typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** The parameters that the fields stand for, and by field what is wrong. The server decides all the same. */
export function parametersOf(schema: ParameterSchema, typed: Typed): { parameters: Record<string, unknown>; wrong: Record<string, string> } {
  const parameters: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const field = typed[name];
    if (field === undefined || field === '') {
      if (schema.required?.includes(name)) wrong[name] = 'is needed';
      continue;
    }
    const value = typeof field === 'boolean' ? field : parsed(property, field);
    const problem = value === undefined ? notParsed(property) : outside(property, value);
    if (problem === undefined) parameters[name] = value;
    else wrong[name] = problem;
  }
  return { parameters, wrong };
}

function parsed(property: Property, text: string): unknown {
  switch (kindOf(property)) {
    case 'string':
      return text;
    case 'boolean':
      return text === 'true';
    case 'choice':
      return property.enum?.find((each) => String(each) === text);
    case 'integer':
      return /^-?\d+$/.test(text.trim()) ? Number(text) : undefined;
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case 'json':
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return undefined;
      }
  }
}

function notParsed(property: Property): string {
  const kind = kindOf(property);
  if (kind === 'choice') return `must be one of ${property.enum?.join(', ')}`;
  return kind === 'json' ? 'is not JSON' : `is not ${kind === 'integer' ? 'a whole number' : 'a number'}`;
}

function outside(property: Property, value: unknown): string | undefined {
  if (typeof value === 'number') {
    if (property.minimum !== undefined && value < property.minimum) return `must be at least ${property.minimum}`;
    if (property.maximum !== undefined && value > property.maximum) return `must be at most ${property.maximum}`;
  }
  if (typeof value === 'string') {
    if (property.minLength !== undefined && value.length < property.minLength) return `must have at least ${property.minLength} characters`;
    if (property.maxLength !== undefined && value.length > property.maxLength) return `must have at most ${property.maxLength} characters`;
    if (property.pattern !== undefined && !matches(property.pattern, value)) return `must match ${property.pattern}`;
  }
  return undefined;
}

/** A pattern that this browser does not understand is left to the server. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}
