package dev.muster.simulator.device;

/** How an update goes wrong on an asset, or does not. */
public enum FaultKind {
    /** Crashes at start, and is rolled back with a reason. */
    FAILING,
    /** Never comes back from the restart into it. */
    BRICKING,
    /** Takes twenty times as long. */
    SLOW,
    /** The asset stays connected, does nothing, and does not report its state any more. */
    SILENT,
    /** Reported as succeeded, while the old version runs on. */
    LYING,
    /** Does not come up with it; after three starts its boot counter takes the previous version. */
    HANGING,
    /** Comes up with it and is verified; then its application ends, again and again, until it has another version. */
    CRASHING
}
