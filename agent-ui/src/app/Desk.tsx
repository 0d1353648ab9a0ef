export { Layout as Desk } from "./Layout";
