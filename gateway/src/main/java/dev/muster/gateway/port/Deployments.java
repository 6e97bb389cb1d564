package dev.muster.gateway.port;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.StateReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is deployed to assets that poll for it (hawkBit's DDI), and what they say of it. Called on virtual threads, may block.
 *
 * <p>An action is one version of one component for one asset. It ends once: succeeded, failed or cancelled.
 */
public interface Deployments {

    /** What a poll is answered; kept by the caller until the asset is nudged. */
    Answered poll(AssetId asset, Client client);

    /** What {@link #poll} would answer these, as far as it would change nothing; the others are left out. */
    Map<AssetId, Polled> polled(Collection<AssetId> assets);

    /** An asset that a gateway token speaks for: registered when it is new. Empty when all is well. */
    Optional<Refused> register(AssetId asset, String gatewayToken);

    /** One that is under way. @param history how many of its messages, the newest first */
    Optional<Deployment> deployment(AssetId asset, int action, int history);

    /** The asset has read what it is to install. */
    Told shown(AssetId asset, int action);

    /** One that succeeded. */
    Optional<Deployment> installed(AssetId asset, int action, int history);

    /** The SHA-256 of the artifact of an action that is under way or installed. */
    Optional<String> artifact(AssetId asset, int action, String file);

    /** Whether the asset is asked to give up the action. */
    boolean isCancelled(AssetId asset, int action);

    Told feedback(AssetId asset, int action, Client client, Feedback feedback);

    Told cancelFeedback(AssetId asset, int action, Feedback feedback);

    Told attributes(AssetId asset, Client client, Mode mode, Map<String, String> attributes);

    /** The asset names what it runs, by itself. */
    Told runs(AssetId asset, String component, String version);

    /** Told only of assets that {@link Polled} says must confirm. */
    Told confirmation(AssetId asset, int action, boolean confirmed, List<String> details);

    /** Whether the asset confirms by itself from now on, or no longer. @param initiator as it says */
    Told autoConfirm(AssetId asset, boolean active, String initiator);

    /** What speaks DDI; it decides what a success is worth. */
    enum Client {
        /** Reports success after it has restarted into the new version. */
        SWUPDATE,
        /** Reports success when it has installed, before it restarts. */
        RAUC,
        /** Anything else; taken for one that reports too early. */
        OTHER
    }

    /** How attributes are taken. */
    enum Mode {
        MERGE,
        REPLACE,
        REMOVE
    }

    /**
     * @param sleep until the next poll
     * @param attributes whether the asset is asked for its attributes
     * @param installed the newest action that succeeded
     * @param autoConfirms whether the asset confirms by itself
     * @param until when it is to be asked for anew; null: when the asset is nudged
     */
    record Polled(
            Duration sleep,
            @Nullable Pending pending,
            boolean attributes,
            @Nullable Integer installed,
            boolean autoConfirms,
            @Nullable Instant until) {}

    /** @param report to be put into the journal before the asset is answered; null when there is nothing new */
    record Answered(Polled polled, @Nullable StateReport report) {}

    /** What an asset is to do next. */
    sealed interface Pending {
        int action();

        /** @param revision another one after each change of what the asset is told */
        record Deploy(int action, String revision) implements Pending {}

        record Confirm(int action, String revision) implements Pending {}

        record Cancel(int action) implements Pending {}
    }

    /**
     * @param part kind of software, in hawkBit's words
     * @param status of the action, in hawkBit's words
     */
    record Deployment(
            int action,
            String part,
            String component,
            String version,
            File file,
            String status,
            List<String> messages) {}

    /** @param sha256 lower-case hexadecimal, as the others */
    record File(String name, long size, String sha1, String md5, String sha256) {}

    /** @param percent of the whole, when it can be told */
    record Feedback(
            Execution execution,
            Finished finished,
            @Nullable Integer percent,
            List<String> details) {}

    enum Execution {
        CLOSED,
        PROCEEDING,
        CANCELED,
        SCHEDULED,
        REJECTED,
        RESUMED,
        DOWNLOAD,
        DOWNLOADED
    }

    enum Finished {
        SUCCESS,
        FAILURE,
        NONE
    }

    /** What becomes of what an asset said. */
    sealed interface Told permits Taken, Refused {}

    /** @param report to be put into the journal before the asset is answered; null when there is nothing new */
    record Taken(@Nullable StateReport report) implements Told {}

    /** @param status HTTP status; @param code stable */
    record Refused(int status, String code, String message) implements Told {}
}
