package dev.muster.registry.selector;

import dev.muster.registry.Asset;

/**
 * A version of a component that an expression asks for, whatever else it asks: {@code asset.software.app.atLeast('3')}.
 *
 * @param exactly that version and no later one
 */
public record SoftwareNeed(String component, String version, boolean exactly) {

    public boolean isMetBy(Asset asset) {
        String runs = asset.software().get(component);
        return runs != null && (exactly ? runs.equals(version) : VersionOrder.INSTANCE.compare(runs, version) >= 0);
    }

    /** For people: {@code app >= 3}. */
    @Override
    public String toString() {
        return component + (exactly ? " = " : " >= ") + version;
    }
}
