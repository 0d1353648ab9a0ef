import { Upload } from "lucide-react";
import type { ReactNode } from "react";
import { DropZone, FileTrigger, isFileDropItem, Text, type DropItem } from "react-aria-components";
import { Button } from "../Button/Button";
import css from "./FileDrop.module.css";

export interface FileDropProps {
  label: string;
  buttonLabel: string;
  /** E.g. `.csv`, `text/csv`. */
  accept: readonly string[];
  onFile: (file: File) => void;
  /** The chosen file, or what may be dropped. */
  children?: ReactNode;
}

/** Takes one file by drop, paste or the chooser. */
export function FileDrop({ label, buttonLabel, accept, onFile, children }: FileDropProps) {
  const drop = async (items: readonly DropItem[]) => {
    const item = items.find(isFileDropItem);
    if (item !== undefined && isFileDropItem(item)) onFile(await item.getFile());
  };
  return (
    <DropZone className={css.zone ?? ""} onDrop={(event) => void drop(event.items)}>
      <Upload aria-hidden />
      <Text slot="label" className={css.label ?? ""}>{label}</Text>
      <FileTrigger acceptedFileTypes={accept} onSelect={(files) => { const file = files?.item(0); if (file) onFile(file); }}>
        <Button>{buttonLabel}</Button>
      </FileTrigger>
      {children !== undefined && <div className={css.note}>{children}</div>}
    </DropZone>
  );
}
