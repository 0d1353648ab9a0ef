// What the bar needs only once somebody presses, types or talks: loaded together, right after the desk.
export { ShortcutsSheet } from "../../app/ShortcutsSheet";
export { ComboBox } from "../../ui/ComboBox/ComboBox";
export { PopoverPanel } from "../../ui/Popover/Popover";
export { LineCard } from "./LineCard";
export { ProfileMenu } from "./ProfileMenu";
export { StateMenu } from "./StateMenu";
