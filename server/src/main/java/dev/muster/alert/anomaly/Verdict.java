package dev.muster.alert.anomaly;

/**
 * What a detector says about one value.
 *
 * @param score how unusual, 0 to 1, told once: while something unusual goes on, or comes back within some hundred values, only what is
 *     more unusual has a score above 0. An alert starts with it.
 * @param strangeness how unusual, 0 to 1, of each value by itself. An alert lasts as long as it is high.
 * @param confidence how much was learned, 0 to 1
 * @param sign what is unusual about it most
 * @param reason the same in words, with figures
 */
public record Verdict(double score, double strangeness, double confidence, Sign sign, String reason) {
    /** What can be unusual about a value. */
    public enum Sign {
        NOTHING,
        /** Too little was learned. */
        LEARNING,
        /** Not judged: no number, or not newer than the one before. */
        IGNORED,
        /** It jumped. */
        JUMP,
        /** It is far from its last values. */
        DEPARTURE,
        /** Not what this hour of the day or week shows. */
        SEASON,
        /** The level moved. */
        LEVEL,
        /** Not what these hours show, for a while. */
        SEASON_LEVEL,
        /** It varies more than usual. */
        NOISE,
        /** It varies less than usual. */
        STILLNESS,
        /** A run of values unlike any before. */
        SHAPE
    }
}
