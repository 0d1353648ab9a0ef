/** The sign of Tieline: a line with a coupling in it. */
export function Logo({ size = 36 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 36 36" aria-hidden>
      <rect width="36" height="36" rx="8" fill="var(--action)" />
      <g stroke="var(--on-action)" strokeWidth="2.75" fill="none" strokeLinecap="round">
        <path d="M7 18h6.5M22.5 18H29" />
        <circle cx="18" cy="18" r="4" />
      </g>
    </svg>
  );
}
