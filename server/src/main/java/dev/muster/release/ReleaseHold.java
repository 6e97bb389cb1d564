package dev.muster.release;

import java.util.Collection;
import java.util.Map;

/**
 * Names releases whose artifacts must stay, because an asset runs them, ran them before, or may be sent back to them. Every
 * bean of this type is asked before anything is removed; with none at all nothing is.
 */
public interface ReleaseHold {
    /** Those of the candidates that are needed, and why, for people: {@code runs on truck-1 and 41 more}. */
    Map<ReleaseName, String> held(Collection<ReleaseName> candidates);
}
