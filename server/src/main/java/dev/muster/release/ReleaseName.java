package dev.muster.release;

import java.util.Optional;
import java.util.regex.Pattern;

/** {@code component@version}. */
public record ReleaseName(String component, String version) {
    public static final Pattern COMPONENT = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    public static final Pattern VERSION = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,63}");

    public ReleaseName {
        if (!COMPONENT.matcher(component).matches() || !VERSION.matcher(version).matches()) {
            throw new IllegalArgumentException(
                    "a release is named component@version, the component " + COMPONENT + ", the version " + VERSION);
        }
    }

    public static Optional<ReleaseName> parse(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            return Optional.empty();
        }
        return of(text.substring(0, at), text.substring(at + 1));
    }

    public static Optional<ReleaseName> of(String component, String version) {
        return COMPONENT.matcher(component).matches()
                        && VERSION.matcher(version).matches()
                ? Optional.of(new ReleaseName(component, version))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return component + "@" + version;
    }
}
