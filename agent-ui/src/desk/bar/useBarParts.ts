import { comesLater } from "../../app/later";

export const useBarParts = comesLater(() => import("./BarParts"));
