package dev.muster.rollout.hook;

import dev.muster.protocol.tuf.Sha256;
import dev.muster.rollout.hook.Message.Push;
import dev.muster.rollout.hook.Message.Read;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds out whether a message is of who has the secret, is not old, and which pushes it tells of. Pure; nothing of a message is read
 * as JSON before its authentication.
 */
final class MessageReader {
    /** Of a time that the sender signs for each sending. */
    static final Duration TOLERANCE = Duration.ofMinutes(5);
    /** Of a time in the body, which stays the same when a registry sends it again. */
    static final Duration RESENT_WITHIN = Duration.ofHours(24);

    private static final int MAX_EVENTS = 100;
    private static final int MAX_ID = 200;
    private static final int MAX_NAME = 300;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private MessageReader() {}

    /** @param secret 32 bytes */
    static Read read(HookFormat format, Message message, byte[] secret, Instant now) {
        String refused = switch (format) {
            case STANDARD -> standardProblem(message, secret, now);
            case GITHUB -> githubProblem(message, secret);
            case OCI -> ociProblem(message, secret);
        };
        if (refused != null) {
            return new Read.Unauthentic(refused);
        }
        try {
            JsonNode json = JSON.readTree(message.body());
            List<Push> pushes = switch (format) {
                case STANDARD -> standard(message, json);
                case GITHUB -> github(message, json);
                case OCI -> oci(json);
            };
            for (Push push : pushes) {
                boolean old = push.at().isBefore(now.minus(RESENT_WITHIN));
                if (old || push.at().isAfter(now.plus(TOLERANCE))) {
                    return new Read.Unauthentic("it tells of a push at " + push.at() + ", it is " + now);
                }
                if (push.delivery().isBlank() || push.delivery().length() > MAX_ID) {
                    return new Read.Malformed("its delivery id has not 1 to " + MAX_ID + " characters");
                }
                if (push.repository().length() > MAX_NAME || push.tag().length() > MAX_NAME) {
                    return new Read.Malformed("a repository or tag has more than " + MAX_NAME + " characters");
                }
            }
            return new Read.Authentic(pushes);
        } catch (JacksonException e) {
            return new Read.Malformed("its body is not JSON");
        } catch (DateTimeException e) {
            return new Read.Malformed("it does not say when the push was");
        } catch (TooManyException e) {
            return new Read.Malformed("it has more than " + MAX_EVENTS + " events");
        }
    }

    // ---- authentication

    private static @Nullable String standardProblem(Message message, byte[] secret, Instant now) {
        String time = message.header("webhook-timestamp");
        if (!time.matches("\\d{1,12}")) {
            return "it has no webhook-timestamp in seconds";
        }
        Instant sent = Instant.ofEpochSecond(Long.parseLong(time));
        if (sent.isBefore(now.minus(TOLERANCE)) || sent.isAfter(now.plus(TOLERANCE))) {
            return "it was sent at " + sent + ", it is " + now;
        }
        byte[] head = (message.header("webhook-id") + "." + time + ".").getBytes(StandardCharsets.UTF_8);
        byte[] expected = hmac(secret, head, message.body());
        for (String signature : message.header("webhook-signature").split(" ", 16)) {
            if (signature.startsWith("v1,") && same(decoded(signature.substring(3)), expected)) {
                return null;
            }
        }
        return "its webhook-signature is not right";
    }

    /** The secret is used as text, as GitHub does. */
    private static @Nullable String githubProblem(Message message, byte[] secret) {
        String signature = message.header("x-hub-signature-256");
        byte[] key = HexFormat.of().formatHex(secret).getBytes(StandardCharsets.US_ASCII);
        return same(
                        signature.getBytes(StandardCharsets.UTF_8),
                        ("sha256=" + HexFormat.of().formatHex(hmac(key, message.body())))
                                .getBytes(StandardCharsets.US_ASCII))
                ? null
                : "its X-Hub-Signature-256 is not right";
    }

    private static @Nullable String ociProblem(Message message, byte[] secret) {
        String expected = "Bearer " + HexFormat.of().formatHex(secret);
        return same(
                        message.header("authorization").getBytes(StandardCharsets.UTF_8),
                        expected.getBytes(StandardCharsets.US_ASCII))
                ? null
                : "its Authorization is not right";
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException notBase64) {
            return new byte[0];
        }
    }

    /** In a time that does not depend on where they differ. */
    private static boolean same(byte[] found, byte[] expected) {
        return MessageDigest.isEqual(found, expected);
    }

    static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", e);
        }
    }

    // ---- what it tells

    private static List<Push> standard(Message message, JsonNode json) {
        String id = message.header("webhook-id");
        String tag = json.path("tag").asString(json.path("version").asString(""));
        // id and time are signed: another id is another message
        String hash = Sha256.of((id + "." + Sha256.of(message.body())).getBytes(StandardCharsets.UTF_8));
        return List.of(new Push(
                id,
                hash,
                Instant.ofEpochSecond(Long.parseLong(message.header("webhook-timestamp"))),
                json.path("repository").asString(""),
                tag));
    }

    private static List<Push> github(Message message, JsonNode json) {
        String id = message.header("x-github-delivery");
        String hash = Sha256.of(message.body());
        String action = json.path("action").asString("");
        String repository = json.at("/repository/full_name").asString("");
        switch (message.header("x-github-event")) {
            case "registry_package", "package" -> {
                JsonNode pack = json.has("registry_package") ? json.path("registry_package") : json.path("package");
                JsonNode version = pack.path("package_version");
                String tag = version.at("/container_metadata/tag/name")
                        .asString(version.path("version").asString(""));
                if (tag.isEmpty() || !(action.equals("published") || action.equals("updated"))) {
                    return List.of();
                }
                String named = pack.path("namespace").asString("") + "/"
                        + pack.path("name").asString("");
                return List.of(new Push(id, hash, time(pack, "updated_at", "created_at"), named, tag));
            }
            case "release" -> {
                JsonNode release = json.path("release");
                return action.equals("published")
                        ? List.of(new Push(
                                id,
                                hash,
                                time(release, "published_at", "created_at"),
                                repository,
                                release.path("tag_name").asString("")))
                        : List.of();
            }
            default -> {
                return List.of(); // ping, and whatever else was chosen at GitHub
            }
        }
    }

    private static List<Push> oci(JsonNode json) {
        JsonNode events = json.path("events");
        if (events.size() > MAX_EVENTS) {
            throw new TooManyException();
        }
        List<Push> pushes = new ArrayList<>();
        for (JsonNode event : events) {
            JsonNode target = event.path("target");
            String tag = target.path("tag").asString("");
            if (event.path("action").asString("").equals("push") && !tag.isEmpty()) {
                String id = event.path("id").asString("");
                pushes.add(new Push(
                        id,
                        Sha256.of(id.getBytes(StandardCharsets.UTF_8)),
                        time(event, "timestamp", "timestamp"),
                        target.path("repository").asString(""),
                        tag));
            }
        }
        return pushes;
    }

    private static Instant time(JsonNode node, String field, String otherwise) {
        return OffsetDateTime.parse(
                        node.path(field).asString(node.path(otherwise).asString("")))
                .toInstant();
    }

    private static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
