package dev.muster.simulator.device;

/** From how long to how long something takes, in milliseconds. */
public record Span(long lowest, long highest) {
    public Span {
        if (lowest < 0 || highest < lowest) {
            throw new IllegalArgumentException("a span from " + lowest + " to " + highest + " ms is none");
        }
    }

    Span times(double factor) {
        return new Span(Math.round(lowest * factor), Math.round(highest * factor));
    }
}
