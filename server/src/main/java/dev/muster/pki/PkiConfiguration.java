package dev.muster.pki;

import dev.muster.audit.AuditLog;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Enrolment;
import dev.muster.identity.ScopeFilter;
import dev.muster.platform.config.DataDirectory;
import dev.muster.platform.config.Settings;
import dev.muster.platform.event.EventFeed;
import dev.muster.platform.event.EventLog;
import dev.muster.platform.id.Ids;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetService;
import dev.muster.registry.asset.AssetStore;
import dev.muster.registry.type.AssetTypes;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The CA, what issues with it, and what watches over it. */
@Configuration(proxyBeanMethods = false)
class PkiConfiguration {
    private final SecureRandom random = new SecureRandom();

    @Bean
    KeySeal keySeal(Settings settings, DataDirectory directory) {
        Optional<Path> named = Optional.of(settings.get(PkiSettings.PASSPHRASE_FILE))
                .filter(path -> !path.toString().isEmpty());
        return KeySeal.of(Passphrase.resolve(named, directory.pki(), random));
    }

    @Bean
    SealedKeys sealedKeys(KeySeal seal) {
        return new SealedKeys(seal, random);
    }

    @Bean
    CertificateAuthority certificateAuthority(KeySeal seal, DataDirectory directory, JdbcClient jdbc, Clock clock) {
        CertificateAuthority authority = new CaDirectory(directory.pki(), seal, random).open(clock.instant());
        RootBinding.check(jdbc, authority, directory, clock);
        return authority;
    }

    @Bean
    ServerIdentity serverIdentity(CertificateAuthority authority, Settings settings, Clock clock) {
        return new ServerIdentity(
                authority, ServerIdentity.hosts(settings.get(PkiSettings.DEVICE_HOST_NAMES)), random, clock);
    }

    @Bean
    SeenCertificates seenCertificates(CertificateStore certificates, Clock clock, MeterRegistry meters) {
        return new SeenCertificates(certificates, clock, meters);
    }

    @Bean
    KnownTokens knownTokens(Clock clock) {
        return new KnownTokens(clock);
    }

    @Bean
    AdmissionList admissionList(CertificateAuthority authority, KnownTokens tokens, SeenCertificates seen) {
        return new AdmissionList(authority, tokens, seen);
    }

    @Bean
    @Primary
    Admission admission(AdmissionList list, RefusedCredentials refused) {
        return new CountedAdmission(list, refused);
    }

    @Bean
    CertificateLedger certificateLedger(
            CertificateAuthority authority,
            CertificateStore certificates,
            AssetStore assets,
            AuditLog audit,
            EventLog events,
            AdmissionList admission,
            LiveSessions sessions,
            Clock clock,
            Settings settings) {
        return new CertificateLedger(
                authority,
                certificates,
                assets,
                audit,
                events,
                admission,
                sessions,
                clock,
                settings.get(PkiSettings.ASSET_CERTIFICATE_LIFETIME));
    }

    @Bean
    RegistrationAuthority registrationAuthority(
            CertificateAuthority authority,
            CertificateLedger ledger,
            CertificateStore certificates,
            ClaimTokenStore tokens,
            AssetService service,
            AssetStore assets,
            PlatformTransactionManager transactions,
            RefusedCredentials refused,
            MeterRegistry meters) {
        return new RegistrationAuthority(
                authority,
                ledger,
                certificates,
                tokens,
                new ClaimedAssets(assets, service),
                assets,
                new TransactionTemplate(transactions),
                refused,
                meters);
    }

    @Bean
    ClaimTokens claimTokens(
            ClaimTokenStore store,
            AssetTypes types,
            AuditLog audit,
            EventLog events,
            PlatformTransactionManager transactions,
            CertificateAuthority authority,
            Ids ids,
            Clock clock) {
        return new ClaimTokens(
                store, types, audit, events, new TransactionTemplate(transactions), authority, ids, random, clock);
    }

    @Bean
    Certificates certificates(
            CertificateStore store,
            CertificateLedger ledger,
            CertificateAuthority authority,
            ScopeFilter scopes,
            AssetDirectory assets,
            AssetService service,
            PlatformTransactionManager transactions) {
        return new Certificates(
                store, ledger, authority, scopes, assets, service, new TransactionTemplate(transactions), random);
    }

    @Bean
    CertificateMetrics certificateMetrics(
            CertificateStore certificates,
            CertificateAuthority authority,
            ServerIdentity identity,
            AdmissionList admission,
            MeterRegistry meters,
            Clock clock) {
        return new CertificateMetrics(certificates, authority, identity, admission, meters, clock);
    }

    /** The device plane takes {@link Admission} and {@link Enrolment} from here after this one is there: admission is loaded. */
    @Bean(destroyMethod = "close")
    PkiWorker pkiWorker(
            EventLog events,
            EventFeed feed,
            CertificateStore certificates,
            AssetStore assets,
            AdmissionList admission,
            BlockedAssets blocked,
            AssetTokenLedger tokens,
            LiveSessions sessions,
            SeenCertificates seen,
            CertificateMetrics metrics,
            ServerIdentity identity,
            Clock clock) {
        PkiWorker worker = new PkiWorker(
                events,
                feed,
                certificates,
                assets,
                admission,
                blocked,
                tokens,
                sessions,
                seen,
                metrics,
                identity,
                clock);
        worker.start();
        return worker;
    }
}
