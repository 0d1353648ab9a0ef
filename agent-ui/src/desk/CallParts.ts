// What the desk needs with a call only: its stage and its tools, loaded together.
export { CallView } from "./stage/CallView";
export { CallTools } from "./tools/CallTools";
