import { TextField } from "../ui/Field/Field";

/** A date with a time, as the browser's own field reads it. */
export function MomentField({ label, value, onChange, error, hint }: { label: string; value: string; onChange: (text: string) => void; error?: string | null | undefined; hint?: string }) {
  return <TextField label={label} type="datetime-local" value={value} onChange={onChange} error={error} {...(hint === undefined ? {} : { hint })} />;
}
