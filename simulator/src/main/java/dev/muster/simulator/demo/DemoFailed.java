package dev.muster.simulator.demo;

/** The demonstration cannot go on; the message says at what, and where to look. */
class DemoFailed extends Exception {
    private static final long serialVersionUID = 1L;

    DemoFailed(String message) {
        super(message);
    }
}
