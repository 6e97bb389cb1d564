import { describe, expect, it } from 'vitest';
import { parametersOf, typedDefaults, type ParameterSchema } from './parameters';

const schema: ParameterSchema = {
  properties: {
    text: { type: 'string', minLength: 2, pattern: '^[A-Z]' },
    times: { type: 'integer', minimum: 1, maximum: 5, default: 3 },
    force: { type: 'boolean', default: false },
    level: { enum: ['info', 'debug', 4] },
    more: { type: 'object' },
  },
  required: ['text'],
};

describe('the form of a command', () => {
  it('starts with the defaults that the type declares', () => {
    expect(typedDefaults(schema)).toEqual({ times: '3', force: false });
  });

  it('turns what was typed into what the schema asks for', () => {
    expect(parametersOf(schema, { text: 'Hello', times: '2', force: true, level: '4', more: '{"a":1}' })).toEqual({
      parameters: { text: 'Hello', times: 2, force: true, level: 4, more: { a: 1 } },
      wrong: {},
    });
  });

  it('names the field and what is wrong, and sends nothing of it', () => {
    expect(parametersOf(schema, { text: '', times: '6', level: 'loud', more: '{' })).toEqual({
      parameters: {},
      wrong: { text: 'is needed', times: 'must be at most 5', level: 'must be one of info, debug, 4', more: 'is not JSON' },
    });
    expect(parametersOf(schema, { text: 'hello', times: '1.5' }).wrong).toEqual({ text: 'must match ^[A-Z]', times: 'is not a whole number' });
  });
});
