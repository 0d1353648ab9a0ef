const CHARS = "abcdefghijkmnpqrstuvwxyz23456789";

/** A first password that is easy to read out: four groups of four, without letters that look alike. */
export function freshPassword(): string {
  const bytes = new Uint32Array(16);
  crypto.getRandomValues(bytes);
  const text = [...bytes].map((value) => CHARS.charAt(value % CHARS.length)).join("");
  return text.replaceAll(/(.{4})(?=.)/g, "$1-");
}
