package dev.muster.gateway.est;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be downloaded with a client certificate, by its path. */
enum DownloadRoute {
    ARTIFACT("/v1/artifacts/sha256/([0-9a-f]{64})"),
    /** The same, where a client of The Update Framework looks for it: consistent snapshots, specification 6.2. */
    TARGET("/v1/targets/(?:[A-Za-z0-9._+-]{1,128}/){1,8}([0-9a-f]{64})\\.[A-Za-z0-9._+-]{1,128}"),
    METADATA("/v1/tuf/([A-Za-z0-9._-]{1,160})");

    private final Pattern path;

    DownloadRoute(String path) {
        this.path = Pattern.compile(path);
    }

    /** @param name the SHA-256, or the file's name */
    record Wanted(DownloadRoute route, String name) {}

    static Optional<Wanted> of(@Nullable String path) {
        if (path != null) {
            for (DownloadRoute route : values()) {
                Matcher matcher = route.path.matcher(path);
                if (matcher.matches()) {
                    return Optional.of(new Wanted(route, matcher.group(1)));
                }
            }
        }
        return Optional.empty();
    }
}
