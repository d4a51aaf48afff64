// Events wait here for the next animation frame, so that a thousand of them cost one render.

type Task = () => void;

const kHiddenMs = 250; // a hidden tab draws no frames

export class FrameQueue {
  private tasks: Task[] = [];
  private scheduled = false;

  constructor(private readonly run: (tasks: Task[]) => void) {}

  add(task: Task): void {
    this.tasks.push(task);
    if (this.scheduled) return;
    this.scheduled = true;
    if (document.hidden) setTimeout(() => this.flush(), kHiddenMs);
    else requestAnimationFrame(() => this.flush());
  }

  private flush(): void {
    const tasks = this.tasks;
    this.tasks = [];
    this.scheduled = false;
    this.run(tasks);
  }
}
