//! Confinement: permanently removes this process's access to network, files and other processes. Linux has Landlock
//! (landlock(7)) and seccomp (seccomp(2)) for it; elsewhere only the resource limits apply.

#[cfg(target_os = "linux")]
pub use linux::{confine_program, confine_worker};

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::path::Path;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
        RulesetCreatedAttr, Scope,
    };
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter};

    /// Newest set of access rights that this code supports. An older kernel enforces those that it supports.
    const RIGHTS: ABI = ABI::V6;

    /// Folders of programs, their libraries and their fonts. They contain no user data.
    const SYSTEM: [&str; 14] = [
        "/usr",
        "/lib",
        "/lib32",
        "/lib64",
        "/bin",
        "/sbin",
        "/nix/store",
        "/gnu/store",
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/etc/fonts",
        "/var/cache/fontconfig",
        "/dev/null",
        "/dev/urandom",
    ];

    /// System calls of a worker: memory, the files that were passed to it, its socket, its own limits. All others fail.
    const WORKER_CALLS: &[i64] = &[
        libc::SYS_brk,
        libc::SYS_mmap,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_mprotect,
        libc::SYS_madvise,
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_pread64,
        libc::SYS_lseek,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_fstat,
        libc::SYS_newfstatat,
        libc::SYS_statx,
        libc::SYS_fcntl,
        libc::SYS_recvmsg,
        libc::SYS_recvfrom,
        libc::SYS_sendmsg,
        libc::SYS_sendto,
        libc::SYS_futex,
        libc::SYS_prlimit64,
        libc::SYS_getrusage,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_gettid,
        libc::SYS_getpid,
        libc::SYS_tgkill,
        libc::SYS_exit,
        libc::SYS_exit_group,
        libc::SYS_restart_syscall,
        libc::SYS_sched_yield,
    ];

    /// System calls that no program needs to read a file: network, other processes, rare and dangerous parts of the
    /// kernel.
    const PROGRAM_REFUSED: &[i64] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept4,
        libc::SYS_io_uring_setup,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_pidfd_send_signal,
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_kexec_load,
        libc::SYS_reboot,
        libc::SYS_swapon,
        libc::SYS_swapoff,
        libc::SYS_settimeofday,
        libc::SYS_clock_settime,
        libc::SYS_adjtimex,
        libc::SYS_sethostname,
        libc::SYS_setdomainname,
        libc::SYS_quotactl,
        libc::SYS_open_by_handle_at,
        libc::SYS_memfd_create,
        libc::SYS_shmget,
        libc::SYS_msgget,
    ];

    /// Confines a worker: it can't open paths or start processes, and only [`WORKER_CALLS`] work.
    pub fn confine_worker() -> io::Result<()> {
        restrict_paths(ruleset()?)?;
        let refused = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        filter(WORKER_CALLS, refused, SeccompAction::Allow)
    }

    /// Confines a program that is started next: it can read [`SYSTEM`] and this one file, and has no network.
    pub fn confine_program(input: &Path) -> io::Result<()> {
        let read = AccessFs::ReadFile | AccessFs::ReadDir | AccessFs::Execute;
        let mut rules = ruleset()?;
        for path in SYSTEM {
            if let Ok(folder) = PathFd::new(path) {
                let is_file = !Path::new(path).is_dir();
                let allowed = if is_file { AccessFs::ReadFile.into() } else { read };
                rules = rules.add_rule(PathBeneath::new(folder, allowed)).map_err(io::Error::other)?;
            }
        }
        let input = PathFd::new(input).map_err(io::Error::other)?;
        rules = rules.add_rule(PathBeneath::new(input, AccessFs::ReadFile)).map_err(io::Error::other)?;
        restrict_paths(rules)?;
        filter(PROGRAM_REFUSED, SeccompAction::Allow, SeccompAction::Errno(libc::EPERM.unsigned_abs()))
    }

    /// Returns a ruleset that forbids everything that Landlock covers until a rule allows it. A kernel without Landlock
    /// relies on seccomp.
    fn ruleset() -> io::Result<RulesetCreated> {
        Ruleset::default()
            .handle_access(AccessFs::from_all(RIGHTS))
            .and_then(|rules| rules.handle_access(AccessNet::from_all(RIGHTS)))
            .and_then(|rules| rules.scope(Scope::from_all(RIGHTS)))
            .and_then(Ruleset::create)
            .map_err(io::Error::other)
    }

    fn restrict_paths(rules: RulesetCreated) -> io::Result<()> {
        rules.restrict_self().map(drop).map_err(io::Error::other)
    }

    fn filter(calls: &[i64], others: SeccompAction, named: SeccompAction) -> io::Result<()> {
        let machine = TargetArch::try_from(std::env::consts::ARCH).map_err(io::Error::other)?;
        let rules = calls.iter().map(|call| (*call, Vec::new())).collect();
        let filter = SeccompFilter::new(rules, others, named, machine).map_err(io::Error::other)?;
        let program = BpfProgram::try_from(filter).map_err(io::Error::other)?;
        apply_filter(&program).map_err(io::Error::other)
    }
}

#[cfg(not(target_os = "linux"))]
pub fn confine_worker() -> std::io::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
pub fn confine_program(_input: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}
