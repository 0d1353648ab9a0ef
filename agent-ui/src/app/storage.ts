// In a frame of another page a browser may refuse storage. What would be kept there then lives as long as the page.

class Memory implements Storage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key = (at: number): string | null => [...this.#items.keys()][at] ?? null;
  getItem = (key: string): string | null => this.#items.get(key) ?? null;
  setItem = (key: string, text: string): void => void this.#items.set(key, String(text));
  removeItem = (key: string): void => void this.#items.delete(key);
  clear = (): void => this.#items.clear();
}

for (const name of ["localStorage", "sessionStorage"] as const) {
  try {
    window[name].getItem("");
  } catch {
    Object.defineProperty(window, name, { value: new Memory(), configurable: true });
  }
}
