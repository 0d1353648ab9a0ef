export function useIncoming(): void {}
