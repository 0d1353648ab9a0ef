import { RouterProvider } from "@tanstack/react-router";
import { router } from "./router";

/** Everything behind the sign-in. */
export function Desk() {
  return <RouterProvider router={router} />;
}
