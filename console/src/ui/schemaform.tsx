import { Checkbox, Select, Stack, TextInput, Textarea } from '@mantine/core';
import { kindOf, type ParameterSchema, type Property, type Typed } from './parameters';

type Props = { schema: ParameterSchema; typed: Typed; wrong: Record<string, string>; onChange: (typed: Typed) => void };

/** A field for each parameter that a JSON Schema declares. */
export function SchemaForm({ schema, typed, wrong, onChange }: Props) {
  return (
    <Stack gap="sm">
      {Object.entries(schema.properties ?? {}).map(([name, property]) => (
        <Field
          key={name}
          name={name}
          property={property}
          required={schema.required?.includes(name) ?? false}
          value={typed[name]}
          // An empty field is no mistake before one has come to it; the button waits for it anyway.
          error={typed[name] === undefined || typed[name] === '' ? undefined : wrong[name]}
          onChange={(value) => onChange({ ...typed, [name]: value })}
        />
      ))}
    </Stack>
  );
}

type FieldProps = {
  name: string;
  property: Property;
  required: boolean;
  value: string | boolean | undefined;
  error: string | undefined;
  onChange: (value: string | boolean | undefined) => void;
};

function Field({ name, property, required, value, error, onChange }: FieldProps) {
  const about = { label: name, description: described(property), error, required };
  const text = typeof value === 'string' ? value : '';
  switch (kindOf(property)) {
    case 'boolean':
      return <Checkbox {...about} radius="sm" required={false} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'choice':
      return <Select {...about} data={(property.enum ?? []).map(String)} value={text === '' ? null : text} clearable={!required} onChange={(chosen) => onChange(chosen ?? undefined)} />;
    case 'json':
      return <Textarea {...about} placeholder="JSON" autosize minRows={2} value={text} onChange={(event) => onChange(event.currentTarget.value)} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />;
    case 'integer':
      return <TextInput {...about} inputMode="numeric" value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'number':
      return <TextInput {...about} inputMode="decimal" value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
    case 'string':
      return <TextInput {...about} value={text} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
}

function described(property: Property): string | undefined {
  const { minimum: least, maximum: most } = property;
  const bounds = least !== undefined && most !== undefined ? `${least} to ${most}` : least !== undefined ? `at least ${least}` : most !== undefined ? `at most ${most}` : undefined;
  const parts = [property.description, bounds].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join('; ');
}
