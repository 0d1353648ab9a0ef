import { QueryClientProvider } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Locale } from "../ui/Locale/Locale";
import { onLocale } from "../domain/locale";
import { getLocale } from "../i18n/generated/runtime.js";
import { queryClient } from "./query";
import { Gate } from "./Gate";
import { LiveRegions } from "./LiveRegions";

/** Everything. Another language draws the page anew; what is live and what was typed is kept outside it. */
export function App() {
  const locale = useSyncExternalStore(onLocale, getLocale);
  return (
    <Locale locale={locale === "en" ? "en-GB" : locale}>
      <QueryClientProvider client={queryClient}>
        <LiveRegions />
        <Gate key={locale} />
      </QueryClientProvider>
    </Locale>
  );
}
