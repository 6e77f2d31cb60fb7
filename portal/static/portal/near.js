/* "Near me" works where the browser knows its position; without a script the button never appears. */
document.querySelectorAll("[data-near]").forEach((button) => {
  if (!navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const query = button.dataset.near;
        const place = `near=${coords.longitude.toFixed(5)},${coords.latitude.toFixed(5)}`;
        location.assign(`${query}${query.includes("?") ? "&" : "?"}${place}`);
      },
      () => {
        button.disabled = false;
        document.querySelector("[data-near-error]").hidden = false;
      },
      { timeout: 10_000, maximumAge: 60_000 },
    );
  });
});
