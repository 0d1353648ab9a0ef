import type { ReactNode } from "react";
import { Tab, TabList, TabPanel, Tabs as AriaTabs } from "react-aria-components";
import css from "./Tabs.module.css";

export interface TabsProps<T extends string> {
  label: string;
  tabs: readonly { id: T; label: string; panel: ReactNode }[];
  value: T;
  onChange: (id: T) => void;
}

export function Tabs<T extends string>({ label, tabs, value, onChange }: TabsProps<T>) {
  return (
    <AriaTabs className={css.tabs ?? ""} selectedKey={value} onSelectionChange={(key) => { const tab = tabs.find(({ id }) => id === key); if (tab) onChange(tab.id); }}>
      <TabList aria-label={label} className={css.list ?? ""}>
        {tabs.map((tab) => <Tab key={tab.id} id={tab.id} className={css.tab ?? ""}>{tab.label}</Tab>)}
      </TabList>
      {tabs.map((tab) => <TabPanel key={tab.id} id={tab.id} className={css.panel ?? ""}>{tab.panel}</TabPanel>)}
    </AriaTabs>
  );
}
