/** Words of the server, with what stands between backticks as code. */
export function Ticked({ text }: { text: string }) {
  return text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
