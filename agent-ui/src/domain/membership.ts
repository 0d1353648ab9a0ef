/** True for a member that takes calls of the queue; queues of our own keep members that are signed out. */
export function isSignedIn(membership: object): boolean {
  return !("signed_in" in membership) || membership.signed_in !== false;
}
