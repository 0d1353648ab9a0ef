export function PhoneBar() {
  return <header />;
}
