package dev.muster.simulator.device;

/** Whether the asset is there. */
public enum Power {
    ON,
    REBOOTING,
    /** Without a network, running on by itself. */
    AWAY,
    /** Down until somebody writes a recovery image. */
    BRICKED,
    /** Has taken away all that it had, its key with it. */
    WIPED
}
