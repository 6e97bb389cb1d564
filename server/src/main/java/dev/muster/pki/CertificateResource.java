package dev.muster.pki;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.pki.IssuedCertificate.Revocation;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import dev.muster.protocol.AssetId;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Certificates of assets, and the CA, over HTTP. */
@RestController
@RequestMapping("/api/v1")
@Tag(name = "identity of assets")
class CertificateResource {
    private static final String PEM = "application/x-pem-file";

    private final Certificates certificates;
    private final CertificateAuthority authority;

    CertificateResource(Certificates certificates, CertificateAuthority authority) {
        this.certificates = certificates;
        this.authority = authority;
    }

    @Schema(name = "Certificate")
    record CertificateView(
            @Schema(description = "lower-case hexadecimal", example = "5f0a…")
            String serial,

            String asset,

            @Schema(description = "SHA-256 of the certificate, lower-case hexadecimal")
            String fingerprint,

            Instant notBefore,
            Instant notAfter,
            Instant issuedAt,

            @Schema(allowableValues = {"claim-token", "renewal", "credentials", "seen"})
            String origin,

            @Schema(description = "the claim token's id, the renewed serial, or who asked for credentials")
            String originRef,

            @Schema(description = "serial of the asset's next certificate") @Nullable String supersededBy,

            @Nullable Instant revokedAt,
            @Nullable String revokedBy,
            @Nullable String revokedReason) {
        static CertificateView of(IssuedCertificate certificate) {
            Revocation revocation = certificate.revocation();
            return new CertificateView(
                    certificate.serial(),
                    certificate.asset().value(),
                    certificate.fingerprint(),
                    certificate.notBefore(),
                    certificate.notAfter(),
                    certificate.issuedAt(),
                    certificate.origin().wire(),
                    certificate.originRef(),
                    certificate.supersededBy(),
                    revocation == null ? null : revocation.at(),
                    revocation == null ? null : revocation.by(),
                    revocation == null ? null : revocation.reason());
        }
    }

    @Schema(name = "CertificateRevocation")
    record NewRevocation(
            @Schema(description = "for the audit trail", example = "stolen") @Nullable String reason) {}

    @Schema(name = "Credentials")
    record CredentialsView(
            String asset,
            String serial,
            Instant notAfter,

            @Schema(description = "private key, PKCS#8 PEM; shown this once and kept nowhere")
            String key,

            @Schema(description = "PEM") String certificate,

            @Schema(description = "PEM: the issuing CA, the root last")
            String ca) {}

    @GetMapping("/certificates")
    @Requires(verb = Verb.READ, kind = Kind.CERTIFICATE)
    @Operation(
            operationId = "listCertificates",
            summary = "Lists certificates of assets by their expiry, the next to expire first",
            description = "Also those that expired or are revoked.")
    Page<CertificateView> list(
            Actor actor,
            @RequestParam(required = false) @Nullable String asset,
            @Parameter(description = "current, expired (both: the newest of its asset), superseded or revoked")
                    @RequestParam(required = false)
                    @Nullable String state,
            @Parameter(description = "inclusive") @RequestParam(required = false) @Nullable Instant expiresFrom,
            @Parameter(description = "exclusive") @RequestParam(required = false) @Nullable Instant expiresBefore,
            PageRequest page) {
        AssetId id = asset == null || asset.isEmpty() ? null : assetId(asset);
        CertificateState wanted = state == null ? null : state(state);
        return certificates
                .list(actor, new CertificateStore.Wanted(id, wanted, expiresFrom, expiresBefore), page)
                .map(CertificateView::of);
    }

    /** How many of the newest certificates end in a time. */
    @Schema(name = "CertificateBucket")
    record BucketView(
            @Schema(description = "inclusive; absent: from ever") @Nullable Instant from,

            @Schema(description = "exclusive; absent: for ever") @Nullable Instant to,

            long certificates) {}

    @Schema(name = "CertificateExpiry")
    record ExpiryView(
            List<BucketView> buckets,

            @Schema(description = "false where a narrower scope has so many that only the first to end were counted")
            boolean complete) {}

    @GetMapping("/certificates/expiry")
    @Requires(verb = Verb.READ, kind = Kind.CERTIFICATE)
    @Operation(
            operationId = "countCertificatesByExpiry",
            summary = "Counts the newest certificate of each asset by when it ends",
            description = "The first bucket has ended; the next end within a day, 7, 30, 60, 90, 180 and 365 days.")
    ExpiryView expiry(Actor actor) {
        Certificates.Expiry found = certificates.expiry(actor);
        return new ExpiryView(
                found.buckets().stream()
                        .map(bucket -> new BucketView(bucket.from(), bucket.to(), bucket.certificates()))
                        .toList(),
                found.complete());
    }

    @GetMapping("/certificates/{serial}")
    @Requires(verb = Verb.READ, kind = Kind.CERTIFICATE)
    @Operation(operationId = "getCertificate", summary = "Shows a certificate of an asset")
    CertificateView get(Actor actor, @PathVariable String serial) {
        return CertificateView.of(certificates.get(actor, serial.toLowerCase(Locale.ROOT)));
    }

    @PostMapping("/certificates/{serial}/revoke")
    @Requires(verb = Verb.WRITE, kind = Kind.CERTIFICATE)
    @Operation(
            operationId = "revokeCertificate",
            summary = "Revokes a certificate for ever; again changes nothing",
            description = "Live sessions of the asset are closed at once, and the certificate is refused from now on.")
    CertificateView revoke(
            Actor actor, @PathVariable String serial, @RequestBody(required = false) @Nullable NewRevocation wanted) {
        String reason = wanted == null || wanted.reason() == null ? "revoked by " + actor.id() : wanted.reason();
        return CertificateView.of(certificates.revoke(actor, serial.toLowerCase(Locale.ROOT), reason));
    }

    @PostMapping("/assets/{id}/credentials")
    @Requires(verb = Verb.WRITE, kind = Kind.CERTIFICATE)
    @Operation(
            operationId = "createCredentials",
            summary = "Makes a key and a certificate for an asset, for a first try",
            description =
                    "The key is shown this once and kept nowhere. Devices of a fleet make their own key and enrol.")
    @ApiResponse(responseCode = "201", description = "created")
    ResponseEntity<CredentialsView> credentials(Actor actor, @PathVariable String id, HttpServletRequest request) {
        Certificates.Credentials made = certificates.credentials(actor, id, request.getRemoteAddr());
        return ResponseEntity.created(
                        URI.create("/api/v1/certificates/" + made.certificate().serial()))
                .cacheControl(CacheControl.noStore())
                .body(new CredentialsView(
                        made.certificate().asset().value(),
                        made.certificate().serial(),
                        made.certificate().notAfter(),
                        made.key(),
                        made.chain(),
                        made.ca()));
    }

    @GetMapping("/ca")
    @Requires(verb = Verb.READ, kind = Kind.CA)
    @Operation(
            operationId = "getCa",
            summary = "Gives the CA's certificates as PEM: the issuing CA, the root last",
            responses = @ApiResponse(responseCode = "200", content = @Content(mediaType = PEM)))
    ResponseEntity<String> ca() {
        return ResponseEntity.ok().contentType(MediaType.parseMediaType(PEM)).body(Pem.of(authority.chain()));
    }

    private static CertificateState state(String wire) {
        return CertificateState.parse(wire)
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID,
                        "state is \"" + wire + "\"; allowed are "
                                + Arrays.stream(CertificateState.values())
                                        .map(CertificateState::wire)
                                        .toList()));
    }

    private static AssetId assetId(String text) {
        try {
            return new AssetId(text);
        } catch (IllegalArgumentException e) {
            throw new Refusal(ErrorCode.INVALID, String.valueOf(e.getMessage()));
        }
    }
}
