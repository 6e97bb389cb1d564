package dev.muster.simulator.device;

import java.util.List;

/**
 * How the assets of a fleet behave; each share is drawn for every asset by itself.
 *
 * @param drift change one field locally after they applied a new configuration, and report it changed
 * @param stubborn of the drifting: keep the local change when the configuration is applied again; the others take the
 *     desired value back
 * @param skew have a clock that is wrong by two minutes to three days
 * @param offline go away after they applied and reported once, and stay away; half of them drift while away
 * @param lateReports say what they run long after it was so
 * @param reject of the generations that come to an asset: refused, with a reason
 * @param failCommands of the commands that come to an asset: end as failed
 * @param badValues of configurations: refused by those that it falls on, whenever it comes
 * @param download of the updates: really fetched over HTTPS and verified; the others only take the time
 */
public record Behaviour(
        Share drift,
        Share stubborn,
        Share skew,
        Share offline,
        Share lateReports,
        Share reject,
        Share failCommands,
        Share download,
        List<Fault> faults,
        List<BadValue> badValues,
        Pace pace) {

    public Behaviour {
        faults = List.copyOf(faults);
        badValues = List.copyOf(badValues);
    }

    /** All do what they are told. */
    public static Behaviour honest() {
        return new Behaviour(
                Share.NONE,
                Share.NONE,
                Share.NONE,
                Share.NONE,
                Share.NONE,
                Share.NONE,
                Share.NONE,
                Share.NONE,
                List.of(),
                List.of(),
                Pace.standard());
    }

    public Behaviour withPace(Pace changed) {
        return new Behaviour(
                drift,
                stubborn,
                skew,
                offline,
                lateReports,
                reject,
                failCommands,
                download,
                faults,
                badValues,
                changed);
    }

    public Behaviour withFaults(List<Fault> changed) {
        return new Behaviour(
                drift, stubborn, skew, offline, lateReports, reject, failCommands, download, changed, badValues, pace);
    }

    public Behaviour withDrift(Share drifting, Share keepingIt) {
        return new Behaviour(
                drifting,
                keepingIt,
                skew,
                offline,
                lateReports,
                reject,
                failCommands,
                download,
                faults,
                badValues,
                pace);
    }

    public Behaviour withSkew(Share skewed) {
        return new Behaviour(
                drift, stubborn, skewed, offline, lateReports, reject, failCommands, download, faults, badValues, pace);
    }

    public Behaviour withOffline(Share leaving) {
        return new Behaviour(
                drift, stubborn, skew, leaving, lateReports, reject, failCommands, download, faults, badValues, pace);
    }

    public Behaviour withLateReports(Share late) {
        return new Behaviour(
                drift, stubborn, skew, offline, late, reject, failCommands, download, faults, badValues, pace);
    }

    public Behaviour withReject(Share rejecting) {
        return new Behaviour(
                drift,
                stubborn,
                skew,
                offline,
                lateReports,
                rejecting,
                failCommands,
                download,
                faults,
                badValues,
                pace);
    }

    public Behaviour withDownload(Share fetched) {
        return new Behaviour(
                drift, stubborn, skew, offline, lateReports, reject, failCommands, fetched, faults, badValues, pace);
    }

    public Behaviour withBadValue(BadValue bad) {
        return new Behaviour(
                drift,
                stubborn,
                skew,
                offline,
                lateReports,
                reject,
                failCommands,
                download,
                faults,
                List.of(bad),
                pace);
    }
}
