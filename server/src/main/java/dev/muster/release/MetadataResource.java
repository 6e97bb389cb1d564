package dev.muster.release;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.tuf.TufKey;
import dev.muster.release.metadata.SignedRepository;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Signed release metadata over HTTP, for those who sign; assets have the same files at device HTTPS. */
@RestController
@RequestMapping("/api/v1/tuf")
@Tag(name = "releases")
class MetadataResource {
    private final SignedRepository repository;
    private final Publishing publishing;

    MetadataResource(SignedRepository repository, Publishing publishing) {
        this.repository = repository;
        this.publishing = publishing;
    }

    @Schema(name = "SignedMetadata")
    record Documents(
            @Schema(
                    description = "by role (root, targets, releases-<component>): the signed file, as text",
                    requiredMode = Schema.RequiredMode.REQUIRED)
            @Nullable Map<String, String> metadata) {}

    @Schema(name = "PublishedMetadata")
    record PublishedView(
            @Schema(description = "roles whose metadata was new")
            List<String> metadata,

            @Schema(description = "names of the releases that came into being")
            List<String> releases) {}

    @Schema(name = "MetadataState")
    record State(
            @Schema(description = "SHA-256 of the first root.json, to be pinned by assets; absent before there is one")
            @Nullable String rootSha256,

            List<RoleView> roles,

            @Schema(description = "the server's own keys, which root must list")
            Map<String, KeyView> onlineKeys) {}

    @Schema(name = "MetadataRole")
    record RoleView(String role, long version, Instant expires) {}

    @Schema(name = "MetadataKey")
    record KeyView(String keyId, String publicKey) {
        static KeyView of(TufKey key) {
            return new KeyView(key.id(), key.publicKey());
        }
    }

    @GetMapping
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(operationId = "getMetadataState", summary = "Shows versions and expiry of the signed metadata")
    State state() {
        return new State(
                repository.rootPin().orElse(null),
                repository.states().stream()
                        .map(role -> new RoleView(role.role(), role.version(), role.expires()))
                        .toList(),
                Map.of(
                        "snapshot", KeyView.of(repository.keys().snapshot().publicKey()),
                        "timestamp", KeyView.of(repository.keys().timestamp().publicKey())));
    }

    @GetMapping("/{file}")
    @Requires(verb = Verb.READ, kind = Kind.RELEASE)
    @Operation(
            operationId = "getMetadata",
            summary = "Gives a metadata file: root.json, 3.root.json, releases-app.json, timestamp.json",
            description = "Without a version the newest one.")
    @ApiResponse(responseCode = "200", content = @Content(mediaType = MediaType.APPLICATION_JSON_VALUE))
    ResponseEntity<byte[]> file(@PathVariable String file) {
        Optional<byte[]> found = repository.file(file);
        if (found.isEmpty()) {
            throw new Refusal(
                    ErrorCode.NOT_FOUND,
                    "there is no metadata file of this name; GET /api/v1/tuf lists the roles, a file is named role.json or"
                            + " version.role.json");
        }
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .cacheControl(CacheControl.noCache())
                .body(found.get());
    }

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.RELEASE)
    @Operation(
            operationId = "publishMetadata",
            summary = "Publishes signed metadata, and with it releases: all or nothing",
            description =
                    "Signatures, versions and expiry are verified from root on; the artifacts must be uploaded. root and"
                            + " targets need an administrator. The same again is no error.")
    PublishedView publish(Actor actor, @RequestBody Documents documents) {
        if (documents.metadata() == null || documents.metadata().isEmpty()) {
            throw new Refusal(ErrorCode.INVALID, "\"metadata\" is missing: an object of signed files by role");
        }
        Publishing.Published published = publishing.publish(
                actor,
                documents.metadata().entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, entry -> entry.getValue().getBytes(StandardCharsets.UTF_8))));
        return new PublishedView(
                published.roles(),
                published.releases().stream().map(ReleaseName::toString).toList());
    }
}
