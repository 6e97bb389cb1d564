package dev.muster.simulator;

import dev.muster.simulator.enrol.ClaimToken;
import java.io.IOException;

/** Where claim tokens come from: the server's REST interface, or one that was given. */
public interface TokenSource {

    /** A token that enrols {@code uses} assets of the type. */
    ClaimToken tokenFor(String type, int uses) throws IOException, InterruptedException;
}
