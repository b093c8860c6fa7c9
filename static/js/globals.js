// Before everything else. Alpine's CSP build reads every global once to know what it must refuse;
// merely reading the retired fenced frames makes browsers warn of a feature that nobody here uses.
for (const name of ["HTMLFencedFrameElement", "FencedFrameConfig", "Fence", "fence"]) {
  delete window[name];
}
