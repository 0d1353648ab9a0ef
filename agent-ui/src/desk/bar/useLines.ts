import { useMemo } from "react";
import { useMyCalls } from "../../app/hooks";
import { useMine } from "../useMine";
import { type Line, linesOf } from "./lines";

export function useLines(): Line[] {
  const calls = useMyCalls();
  const mine = useMine();
  return useMemo(() => linesOf(calls, mine), [calls, mine]);
}
