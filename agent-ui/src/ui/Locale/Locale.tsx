import type { ReactNode } from "react";
import { I18nProvider } from "react-aria-components";

/** Sets the language of React Aria's own words, of dates and of sorting below it. */
export function Locale({ locale, children }: { locale: string; children: ReactNode }) {
  return <I18nProvider locale={locale}>{children}</I18nProvider>;
}
