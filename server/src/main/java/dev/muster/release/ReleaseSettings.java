package dev.muster.release;

import dev.muster.platform.config.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What can be configured of releases. */
public final class ReleaseSettings {
    public static final Setting<Duration> TIMESTAMP_LIFETIME = Setting.duration(
            "release-timestamp-lifetime",
            "7d",
            Duration.ofMinutes(1),
            Duration.ofDays(365),
            "How long assets believe that they have seen the newest releases; the server signs again at half of it.");
    public static final Setting<Long> MAX_ARTIFACT =
            Setting.bytes("artifact-max-bytes", "4GiB", 1 << 20, "Largest artifact of a release.");
    public static final Setting<Integer> MAX_UPLOADS = Setting.count(
            "artifact-max-uploads",
            64,
            1,
            10_000,
            "Artifacts that may be on their way to the server at the same time.");
    public static final Setting<Duration> UPLOAD_LIFETIME = Setting.duration(
            "artifact-upload-lifetime",
            "24h",
            Duration.ofMinutes(1),
            Duration.ofDays(30),
            "How long an unfinished upload, or an artifact that no release names, is kept.");

    public static final Setting<Integer> DELTA_BASES = Setting.count(
            "delta-bases",
            3,
            0,
            20,
            "Earlier versions from which an asset gets what differs alone, where that saves more than half; 0 for none.");
    public static final Setting<Long> PACK_MAX = Setting.bytes(
            "pack-max-bytes",
            "1GiB",
            0,
            "Largest artifact that is packed for its way to assets, or sent as a difference.");

    public static final Setting<Path> PROVENANCE_KEYS = Setting.path(
            "release-provenance-keys",
            "",
            "File of public keys in PEM of those who build, Ed25519 or ECDSA; provenance of a release is refused unless one of"
                    + " them has signed it. Empty: signatures of provenance are not looked at.");
    public static final Setting<Boolean> PROVENANCE_REQUIRED = Setting.flag(
            "release-provenance-required",
            false,
            "Whether a release with artifacts and without provenance is refused.");

    public static final List<Setting<?>> SETTINGS = List.of(
            TIMESTAMP_LIFETIME,
            MAX_ARTIFACT,
            MAX_UPLOADS,
            UPLOAD_LIFETIME,
            DELTA_BASES,
            PACK_MAX,
            PROVENANCE_KEYS,
            PROVENANCE_REQUIRED);

    private ReleaseSettings() {}
}
