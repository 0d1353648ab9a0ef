import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { Button, Disclosure as AriaDisclosure, DisclosurePanel, Heading, type DisclosureProps as AriaDisclosureProps } from "react-aria-components";
import css from "./Disclosure.module.css";

export interface DisclosureProps extends Omit<AriaDisclosureProps, "children" | "className" | "style"> {
  title: ReactNode;
  children: ReactNode;
  level?: 2 | 3 | 4;
}

export function Disclosure({ title, children, level = 3, ...rest }: DisclosureProps) {
  return (
    <AriaDisclosure {...rest} className={css.part ?? ""}>
      <Heading level={level} className={css.heading ?? ""}>
        <Button slot="trigger" className={css.trigger ?? ""}><ChevronRight className={css.chevron} aria-hidden />{title}</Button>
      </Heading>
      <DisclosurePanel className={css.panel ?? ""}>{children}</DisclosurePanel>
    </AriaDisclosure>
  );
}
