package dev.muster.agent.state;

import java.io.IOException;

/**
 * What happens to a file of the state directory that is not what was written, which takes a broken disk or a foreign hand: it is
 * put aside, and the agent goes on without. An agent that does not start would have to be mended on the spot.
 */
public final class Damage {
    private Damage() {}

    /** @param consequence what the agent does without the file */
    public static void putAside(
            StateDirectory directory, String file, byte[] content, Exception why, String consequence)
            throws IOException {
        System.getLogger(Damage.class.getName())
                .log(
                        System.Logger.Level.ERROR,
                        "state file " + file + " is damaged (" + why.getMessage() + ") and put aside as " + file
                                + ".damaged; " + consequence);
        directory.write(file + ".damaged", content);
        directory.delete(file);
    }
}
