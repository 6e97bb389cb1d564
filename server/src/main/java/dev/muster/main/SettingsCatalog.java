package dev.muster.main;

import dev.muster.alert.AlertSettings;
import dev.muster.alert.anomaly.AnomalySettings;
import dev.muster.command.CommandSettings;
import dev.muster.ddi.DdiSettings;
import dev.muster.file.FileSettings;
import dev.muster.identity.FailureLimit;
import dev.muster.identity.session.LoginSessions;
import dev.muster.ingest.IngestConfiguration;
import dev.muster.pki.PkiSettings;
import dev.muster.platform.config.Setting;
import dev.muster.platform.event.EventFeed;
import dev.muster.platform.postgres.Database;
import dev.muster.platform.web.BodyLimitFilter;
import dev.muster.platform.web.HttpListener;
import dev.muster.release.ReleaseSettings;
import dev.muster.retirement.RetirementSettings;
import dev.muster.rollout.hook.HookSettings;
import dev.muster.runbook.RunbookSettings;
import dev.muster.stream.StreamResource;
import dev.muster.telemetry.questdb.SignalsConfiguration;
import dev.muster.telemetry.questdb.TelemetryConfiguration;
import dev.muster.twin.desired.ReconcileQueue;
import dev.muster.twin.view.Twins;
import java.util.ArrayList;
import java.util.List;

/** Every setting of the server, by area, in the order of the reference page. */
public final class SettingsCatalog {
    public static final List<Setting<?>> ALL = all();

    private static List<Setting<?>> all() {
        List<Setting<?>> all = new ArrayList<>();
        all.addAll(HttpListener.SETTINGS);
        all.addAll(BodyLimitFilter.SETTINGS);
        all.addAll(Devices.SETTINGS);
        all.addAll(FailureLimit.SETTINGS);
        all.addAll(LoginSessions.SETTINGS);
        all.addAll(PkiSettings.SETTINGS);
        all.addAll(Database.SETTINGS);
        all.addAll(EventFeed.SETTINGS);
        all.addAll(StreamResource.SETTINGS);
        all.addAll(IngestConfiguration.SETTINGS);
        all.addAll(TelemetryConfiguration.SETTINGS);
        all.addAll(SignalsConfiguration.SETTINGS);
        all.addAll(CommandSettings.SETTINGS);
        all.addAll(ReleaseSettings.SETTINGS);
        all.addAll(FileSettings.SETTINGS);
        all.addAll(DdiSettings.SETTINGS);
        all.addAll(HookSettings.SETTINGS);
        all.addAll(ReconcileQueue.SETTINGS);
        all.addAll(Twins.SETTINGS);
        all.addAll(RetirementSettings.SETTINGS);
        all.addAll(AlertSettings.SETTINGS);
        all.addAll(AnomalySettings.SETTINGS);
        all.addAll(RunbookSettings.SETTINGS);
        return List.copyOf(all);
    }

    private SettingsCatalog() {}
}
