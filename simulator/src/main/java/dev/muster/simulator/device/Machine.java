package dev.muster.simulator.device;

import dev.muster.protocol.Uplink;

/** The machine below configuration, commands and software: what they say and do goes through it. */
interface Machine {
    void publish(Uplink uplink);

    void emit(Effect effect);

    /** What is reported has changed. */
    void changed();

    /** Restarts; everything that runs is told when it is up again. */
    void reboot(long now);

    /** Goes down and never comes back by itself. */
    void brick(long now);

    /** Does not come up in three starts; then as after {@link #reboot}. */
    void hang(long now);

    /** A program frees what it can of a full disk. */
    void freeSpace();

    /** The time service takes the time from the network. */
    void setClock();

    /** Loses everything, its key last. */
    void wipe(long now);
}
