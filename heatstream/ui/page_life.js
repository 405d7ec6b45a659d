/* One of each for the page's whole life: Streamlit takes its elements away when it meets the next server. */
export default ({ data }) => {
  window.heatstreamLife ??= { watch: new ServerWatch(data.server), keeper: new FocusKeeper() };
};
