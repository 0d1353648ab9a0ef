// What a person types or pastes into a dial field.

/** Longest text that is sent to be dialled. */
export const DIAL_LONGEST = 64;

/** True when the text is something to dial and not a name to look for. */
export function looksDialable(text: string): boolean {
  const bare = text.trim().replace(/^(tel|sip):/i, "");
  return /^[+*#\d(]/.test(bare) && /\d|[*#]/.test(bare) && !/\p{L}{3,}/u.test(bare.replace(/\b(ext|kl|wew|int|dw|linka|klapka|durchwahl)\b\.?/giu, ""));
}

/**
 * Pasted text without scheme, line breaks and doubled blanks; the extension of a `tel:` link in words, which can be read
 * without its scheme. The server normalises the rest.
 */
export function cleanPaste(text: string): string {
  return text
    .replace(/^\s*(tel|callto|sip):/i, "")
    .replace(/;ext=([\d.()-]+)/i, " ext. $1")
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, DIAL_LONGEST);
}
