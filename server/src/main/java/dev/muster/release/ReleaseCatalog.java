package dev.muster.release;

import dev.muster.protocol.tuf.TargetFile;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** What was published, for those who give releases to assets. */
@Component
public class ReleaseCatalog {
    private final ReleaseStore store;

    ReleaseCatalog(ReleaseStore store) {
        this.store = store;
    }

    public Optional<Release> find(String component, String version) {
        return ReleaseName.of(component, version).flatMap(store::find);
    }

    /**
     * The same for one who is about to give it to an asset: until the caller's transaction ends its artifacts are not removed
     * and it is not quarantined.
     */
    public Optional<Release> findForUse(String component, String version) {
        return ReleaseName.of(component, version).flatMap(name -> {
            store.lockShared(name);
            return store.find(name);
        });
    }

    /** Of one component, the newest publication first; quarantined and pruned ones too. */
    public List<Release> versions(String component, int limit) {
        return store.versions(component, limit);
    }

    /**
     * An artifact in the words of a desired state ({@code software}, docs/protocol.md 4.1).
     *
     * @param url relative to the device HTTPS address that the asset knows
     */
    public record Download(String version, String target, String url, String sha256, long size) {}

    public static Download download(TargetFile artifact) {
        return new Download(
                artifact.custom().version(),
                artifact.path(),
                "/v1/artifacts/sha256/" + artifact.sha256(),
                artifact.sha256(),
                artifact.length());
    }
}
