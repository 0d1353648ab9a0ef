import { drawers } from "../../app/drawers";

/** After a press on a row: brings its pane into sight where it is a sheet or stands below the table. */
export function showTools(): void {
  if (window.matchMedia("(min-width: 45rem) and (max-width: 63.99rem)").matches) drawers.open("tools");
  else if (window.matchMedia("(max-width: 44.99rem)").matches) document.querySelector("#pane-tools")?.scrollIntoView({ block: "start" });
}
